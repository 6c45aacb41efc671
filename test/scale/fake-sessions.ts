import { createServer } from 'node:http';

/**
 * Answers for every session pod of the benchmark, at all of their addresses: there is no container behind a simulated
 * pod. What it says is what a connected session says.
 */
const body = JSON.stringify({
  state: 'Connected',
  reason: 'progress',
  detail: '',
  account: { id: '491510000001@c.us', name: 'Scale', platform: 'android' },
  versions: { engine: '1.34.7', browser: '140.0.0.0', whatsappWeb: '2.3000.0' },
  registrationDurable: true,
  connectedSince: '2026-01-01T00:00:00.000Z',
  lastDisconnect: null,
});

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(body);
}).listen(8081, '0.0.0.0');
