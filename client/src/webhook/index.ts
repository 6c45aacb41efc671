export * from './express.ts';
export * from './signature.ts';
