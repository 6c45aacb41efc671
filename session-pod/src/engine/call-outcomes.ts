import { CallError } from './calls.ts';
import type { SendOutcome } from './engine.ts';
import { EngineError } from './errors.ts';

const endOf = (error: unknown): CallError['end'] => (error instanceof CallError ? error.end : 'failed');
const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a send has come to that ended without the worker's answer: it may have left, whatever ended it. */
export function toOutcome(error: unknown): SendOutcome {
  const detail = detailOf(error);
  switch (endOf(error)) {
    case 'deadline':
      return { kind: 'ambiguous', cause: 'timeout', detail };
    case 'lost':
      return { kind: 'ambiguous', cause: 'engine_lost', detail };
    case 'failed':
      return { kind: 'ambiguous', cause: 'rejected', detail };
  }
}

/** What a question that ended without an answer is told as. */
export function toEngineError(error: unknown): EngineError {
  const detail = detailOf(error);
  switch (endOf(error)) {
    case 'deadline':
      return new EngineError('engine_timeout', detail, error);
    case 'lost':
      return new EngineError('engine_unavailable', detail, error);
    case 'failed':
      return new EngineError('engine_failed', detail, error);
  }
}
