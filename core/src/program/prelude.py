"""The machine's own functions that run a program's code or ask the system more than once. Not importable by a program."""


def _collect(source):
    if _is_lazy(source):
        return [item for item in source]
    return source


def _strictly(callee, positional, keywords):
    return callee(*[_collect(item) for item in positional], **keywords)


def _apply(callee, positional, keywords):
    return callee(*positional, **keywords)


def _contains(source, wanted):
    for item in source:
        if item is wanted or item == wanted:
            return True
    return False


def _lacks(source, wanted):
    for item in source:
        if item is wanted or item == wanted:
            return False
    return True


def _any(source):
    for item in source:
        if item:
            return True
    return False


def _all(source):
    for item in source:
        if not item:
            return False
    return True


def _until(function, sentinel):
    while True:
        item = function()
        if item == sentinel:
            return
        yield item


def map(function, sources):
    if len(sources) == 1:
        for item in sources[0]:
            yield function(item)
    else:
        for items in zip(*sources):
            yield function(*items)


def filter(function, source):
    for item in source:
        if item if function is None else function(item):
            yield item


def _enumerate(source, count):
    for item in source:
        yield count, item
        count += 1


def _zip(sources):
    iterators = [iter(source) for source in sources]
    missing = []
    while True:
        items = []
        for iterator in iterators:
            item = next(iterator, missing)
            if item is missing:
                return
            items.append(item)
        yield tuple(items)


def _lines(file):
    while True:
        line = file.readline()
        if not line:
            return
        yield line


def _sorted_by(items, key, reverse):
    return _sort_by(items, [key(item) for item in items], reverse)


def _sort_list(items, key, reverse):
    items[:] = _sort_by(items, [key(item) for item in items], reverse)


def _min_by(items, key):
    best = items[0]
    least = key(best)
    for item in items[1:]:
        value = key(item)
        if value < least:
            best = item
            least = value
    return best


def _max_by(items, key):
    best = items[0]
    most = key(best)
    for item in items[1:]:
        value = key(item)
        if value > most:
            best = item
            most = value
    return best


def _ask_ends(sockets):
    for sock in sockets:
        sock._ask_local()
        sock._ask_peer()


def _create_connection(new, information, address, timeout, source):
    host, port = address
    address = information(host, port, 0, 1)[0][4]
    sock = new()
    try:
        if timeout is not None:
            sock.settimeout(timeout)
        if source is not None:
            sock.bind(source)
        sock.connect(address)
    except OSError:
        sock.close()
        raise
    return sock


def _create_server(new, address, backlog, reuse_port):
    sock = new()
    try:
        sock.setsockopt(1, 2, 1)
        if reuse_port:
            sock.setsockopt(1, 15, 1)
        try:
            sock.bind(address)
        except OSError as problem:
            text = "%s (while attempting to bind on address %r)" % (problem.strerror, address)
            raise OSError(problem.errno, text) from None
        sock.listen(backlog)
    except OSError:
        sock.close()
        raise
    return sock


def _file_fill(file, count):
    while count < 0 or file._held() < count:
        data = file._receive(8192)
        if not data:
            break
        file._keep(data)


def _file_read(file, count):
    _file_fill(file, count)
    return file._take(count)


def _file_read_text(file, count):
    # A character may take more than one byte: read on until there are enough of them.
    while count < 0 or file._characters() < count:
        data = file._receive(8192)
        if not data:
            break
        file._keep(data)
    return file._take_text(count)


def _file_read1(file, count):
    if file._held() == 0:
        data = file._receive(8192 if count < 0 else max(count, 1))
        if not data:
            return b''
        file._keep(data)
    return file._take(min(file._held(), count) if count >= 0 else file._held())


def _file_readline(file, limit):
    while not file._has_line(limit):
        data = file._receive(8192)
        if not data:
            break
        file._keep(data)
    return file._take_line(limit)


def _file_readlines(file):
    lines = []
    while True:
        line = file.readline()
        if not line:
            return lines
        lines.append(line)


def _file_write(file, count):
    file._flush_pending()
    return count


def _file_close(file):
    try:
        file._flush_pending()
    finally:
        file._release()


def _send_file(sock, file, offset, count):
    if offset:
        file.seek(offset)
    total = 0
    while count is None or total < count:
        data = file.read(8192 if count is None else min(8192, count - total))
        if not data:
            break
        sock.sendall(data)
        total += len(data)
    return total


def _wait(ready, timeout):
    end = _clock() + timeout
    while not ready():
        left = end - _clock()
        if left <= 0:
            return ready()
        _sleep(min(left, 0.001))
    return True
