export * from './chat-id.ts';
export * from './problem.ts';
export * from './route.ts';
export * from './state.ts';
export * from './status.ts';
