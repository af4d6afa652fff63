/* llhttp, the parser of Node.js, as a peer of the HTTP benchmark: reads requests, then parses them as often as it is asked.
   It measures only itself. `./tests/run bench` builds it with llhttp's own sources, which are no part of this repository.

   The file named by the first argument holds the requests: of each its length (four bytes, little endian), then its bytes.
   Each line of standard input asks for one pass, `whole` or `bytes`; the answer is how many nanoseconds it took. */
#include "llhttp.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t seen;

/* Something is done with every part, so that no work can be left out. */
static int span(llhttp_t *parser, const char *at, size_t length) {
    (void)parser, (void)at;
    seen += length;
    return 0;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static size_t length_at(const char *corpus) {
    const unsigned char *byte = (const unsigned char *)corpus;
    return byte[0] | byte[1] << 8 | byte[2] << 16 | (size_t)byte[3] << 24;
}

static void pass(const llhttp_settings_t *settings, const char *corpus, size_t size, int byte_by_byte) {
    llhttp_t parser;
    llhttp_init(&parser, HTTP_REQUEST, settings);
    for (size_t at = 0; at < size;) {
        size_t length = length_at(corpus + at);
        const char *request = corpus + at + 4;
        size_t step = byte_by_byte ? 1 : length;
        for (size_t done = 0; done < length; done += step)
            if (llhttp_execute(&parser, request + done, step) != HPE_OK) {
                fprintf(stderr, "llhttp: %s\n", llhttp_get_error_reason(&parser));
                exit(1);
            }
        at += 4 + length;
    }
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "usage: %s FILE\n", arguments[0]);
        return 2;
    }
    size_t size = (size_t)ftell(file);
    char *corpus = malloc(size);
    rewind(file);
    if (!corpus || fread(corpus, 1, size, file) != size) return 1;

    llhttp_settings_t settings;
    llhttp_settings_init(&settings);
    settings.on_url = settings.on_header_field = settings.on_header_value = span;
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        int64_t begin = nanoseconds();
        pass(&settings, corpus, size, strcmp(line, "bytes\n") == 0);
        printf("%lld\n", (long long)(nanoseconds() - begin));
        fflush(stdout);
    }
    fprintf(stderr, "llhttp saw %zu bytes of parts\n", seen);
    return 0;
}
