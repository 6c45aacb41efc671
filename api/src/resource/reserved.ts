/** The API group, and the prefix of every label and annotation that the project gives a meaning. */
export const GROUP = 'whatsapp-operator.io';
export const VERSION = 'v1alpha1';
export const KIND = 'WhatsAppSession';
export const PLURAL = 'whatsappsessions';

/** Annotations that people set on a session. */
export const annotations = {
  /** Any value but `false`: the operator looks, and changes nothing but the status, until it is taken away. */
  paused: `${GROUP}/paused`,
  /** A new value (a time, by habit) asks for one restart, and begins the restart budget anew. */
  restartAt: `${GROUP}/restart-at`,
} as const;

/**
 * Environment variables of the session's container that the operator sets from the spec. `podTemplate.env` cannot
 * name them, so that a setting has one place.
 */
export const operatorEnvironment = [
  'SESSION_NAME',
  'DATA_DIR',
  'HOST',
  'PORT',
  'HEALTH_HOST',
  'HEALTH_PORT',
  'API_KEY',
  'API_KEY_FILE',
  'PAIRING_METHOD',
  'PAIRING_PHONE_NUMBER',
  'SENDING_RATE_PER_MINUTE',
  'SENDING_MAX_ATTEMPTS',
  'SENDING_ACK_TIMEOUT',
  'SENDING_EXPIRES_AFTER',
  'SENDING_UNPROVEN',
  'BROWSER_FLAVOR',
  'BROWSER_ARGS',
  'BROWSER_SANDBOX',
  'PROXY',
  'SHUTDOWN_TIMEOUT',
] as const;
