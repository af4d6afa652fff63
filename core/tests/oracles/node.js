// Asks Node's HTTP parser, llhttp: one case on each line of standard input, one answer on each line of standard output.
// Requests go through the public server, responses through the parser itself, because Node's client reads one only.
// It opens no port: each connection is a stream in memory.
'use strict';
const http = require('http');
const { HTTPParser } = require('_http_common');
const { Duplex } = require('stream');
const readline = require('readline');

class Wire extends Duplex {
  constructor() { super(); this.said = ''; }
  _read() {}
  _write(piece, _, done) { this.said += piece.toString('latin1'); done(); }
  setTimeout() {} setNoDelay() {} setKeepAlive() {} ref() {} unref() {}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function pairs(raw) {
  const fields = [];
  for (let i = 0; i < raw.length; i += 2) fields.push([raw[i], raw[i + 1]]);
  return fields;
}

function message(request, complete) {
  return { start: [request.method, request.url], fields: pairs(request.rawHeaders), pieces: [], trailers: [], complete };
}

async function requests({ pieces }) {
  const messages = [];
  let refused = null;
  const server = http.createServer((request, response) => {
    const one = message(request, false);
    messages.push(one);
    request.on('data', (data) => one.pieces.push(data));
    request.on('end', () => {
      one.complete = true;
      one.trailers = pairs(request.rawTrailers);
      response.end();
    });
    request.on('error', () => {});
  });
  server.on('clientError', (error, socket) => { refused = error.code; socket.destroy(); });
  server.on('connect', (request) => messages.push(message(request, true)));
  const wire = new Wire();
  wire.on('error', () => {});
  server.emit('connection', wire);
  for (const piece of pieces) {
    wire.push(piece);
    await turn();
  }
  for (let i = 0; i < 6; i++) await turn();
  if (refused === null && /^HTTP\/1\.1 400/.test(wire.said)) refused = 'host';
  wire.destroy();
  server.close();
  return { refused, messages };
}

function responses({ pieces, answers }) {
  const messages = [];
  const methods = [...answers];
  let one = null;
  let raw = [];
  let tunnel = false;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {}, 0, HTTPParser.kLenientNone);
  // Fields beyond the thirty-second come by themselves, and so do trailers.
  parser[HTTPParser.kOnHeaders] = (headers) => { if (one) one.trailers.push(...pairs(headers)); else raw.push(...headers); };
  parser[HTTPParser.kOnHeadersComplete] = (major, minor, headers, method, url, status, reason, upgrade, keepAlive) => {
    const fields = pairs(raw.concat(headers || []));
    raw = [];
    one = { start: [String(status), reason], fields, pieces: [], trailers: [], keep_alive: keepAlive, complete: false };
    messages.push(one);
    const answered = methods[0];
    if (status >= 200) methods.shift();
    tunnel = status === 101 || (answered === 'CONNECT' && status >= 200 && status < 300);
    // What a caller tells llhttp: 1, there is no content; 2, and no HTTP behind it either.
    return tunnel ? 2 : answered === 'HEAD' ? 1 : 0;
  };
  parser[HTTPParser.kOnBody] = (data) => one.pieces.push(Buffer.from(data));
  parser[HTTPParser.kOnMessageComplete] = () => { one.complete = true; one = null; };
  let refused = null;
  for (const piece of pieces) {
    const result = parser.execute(piece);
    if (result instanceof Error) { refused = result.code; break; }
    if (tunnel) break;
  }
  let truncated = false;
  if (refused === null && !tunnel) truncated = parser.finish() instanceof Error;
  parser.close();
  return { refused, truncated, messages };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    asked.pieces = asked.pieces.map((piece) => Buffer.from(piece, 'base64'));
    const answer = await (asked.role === 'request' ? requests : responses)(asked);
    answer.messages = answer.messages.map(({ pieces, ...rest }) => ({ ...rest, body: Buffer.concat(pieces).toString('base64') }));
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
})();
