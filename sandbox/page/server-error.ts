/** The server refused a request. The name is what whatsapp-web.js tests for. */
export class ServerStatusCodeError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`the server answered ${code}`);
    this.name = 'ServerStatusCodeError';
    this.code = code;
  }
}

/** The connection went away before the answer came. */
export class ConnectionLostError extends Error {
  constructor() {
    super('the connection was lost before the answer came');
    this.name = 'ConnectionLostError';
  }
}
