import type { Engine } from './engine.ts';
import type { EngineDependencies, EngineOptions } from './options.ts';
import { WhatsAppEngine } from './whatsapp-engine.ts';

export { type Deadlines, defaultDeadlines } from './deadlines.ts';
export * from './engine.ts';
export { EngineError, type EngineErrorCode } from './errors.ts';
export type * from './inbound.ts';
export type { EngineDependencies, EngineLog, EngineOptions, PairingMethod } from './options.ts';

/**
 * Makes the engine that drives whatsapp-web.js. Nothing runs until `start`; by then the volume behind
 * `options.dataFolder` has to be locked for this process.
 */
export function createEngine(options: EngineOptions, dependencies: EngineDependencies): Engine {
  return new WhatsAppEngine(options, dependencies);
}
