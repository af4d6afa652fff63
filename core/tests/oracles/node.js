// Asks Node's HTTP parser, llhttp, through the public server: one case on each line of standard input, one answer on each
// line of standard output. It opens no port: each connection is a stream in memory.
'use strict';
const http = require('http');
const { Duplex } = require('stream');
const readline = require('readline');

class Wire extends Duplex {
  constructor() { super(); this.said = ''; }
  _read() {}
  _write(piece, _, done) { this.said += piece.toString('latin1'); done(); }
  setTimeout() {} setNoDelay() {} setKeepAlive() {} ref() {} unref() {}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function message(request, complete) {
  const fields = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) fields.push([request.rawHeaders[i], request.rawHeaders[i + 1]]);
  return { method: request.method, target: request.url, fields, pieces: [], complete };
}

async function ask({ pieces }) {
  const messages = [];
  let refused = null;
  const server = http.createServer((request, response) => {
    const one = message(request, false);
    messages.push(one);
    request.on('data', (data) => one.pieces.push(data));
    request.on('end', () => { one.complete = true; response.end(); });
    request.on('error', () => {});
  });
  server.on('clientError', (error, socket) => { refused = error.code; socket.destroy(); });
  server.on('connect', (request) => messages.push(message(request, true)));
  const wire = new Wire();
  wire.on('error', () => {});
  server.emit('connection', wire);
  for (const piece of pieces) {
    wire.push(Buffer.from(piece, 'base64'));
    await turn();
  }
  for (let i = 0; i < 6; i++) await turn();
  if (refused === null && /^HTTP\/1\.1 400/.test(wire.said)) refused = 'host';
  wire.destroy();
  server.close();
  return {
    refused,
    messages: messages.map(({ pieces, ...rest }) => ({ ...rest, body: Buffer.concat(pieces).toString('base64') })),
  };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await ask(JSON.parse(line))) + '\n');
  }
})();
