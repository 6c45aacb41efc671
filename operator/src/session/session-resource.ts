import {
  GROUP,
  KIND,
  PLURAL,
  type SessionSpec,
  type SessionStatus,
  VERSION,
} from '@whatsapp-operator/api/resource';
import type { CustomObject } from '../kube/objects.ts';
import type { Resource } from '../kube/resource.ts';

/** The session as the runtime sees it. */
export type SessionObject = CustomObject<SessionSpec, SessionStatus>;

export const sessions: Resource<SessionObject> = {
  group: GROUP,
  version: VERSION,
  plural: PLURAL,
  kind: KIND,
  namespaced: true,
};
