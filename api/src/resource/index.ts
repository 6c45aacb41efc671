export * from './conditions.ts';
export { customResourceDefinition } from './crd.ts';
export { durationMs, type Quantity, quantityValue } from './field-kinds.ts';
export type { PodTemplate } from './pod-template.ts';
export * from './reserved.ts';
export type { WhatsAppSession } from './session.ts';
export { type SessionSpec, sessionSpec } from './spec.ts';
export { type Condition, condition, type SessionStatus, sessionStatus } from './status.ts';
