import { BY_SESSION, SESSION_NAME } from './labels.ts';
import { type Alert, DAY, HOUR, MINUTE, type Pace } from './rule.ts';

/** What a session runs out of. */
export const resourceAlerts = ({ span, limit }: Pace): readonly Alert[] => {
  const free = `max ${BY_SESSION} (whatsapp_data_free_bytes / whatsapp_data_size_bytes)`;
  return [
    {
      alert: 'WhatsAppVolumeFilling',
      severity: 'warning',
      forSeconds: 30 * MINUTE,
      expr: `${free} < 0.4
and on (namespace, pod) max ${BY_SESSION} (predict_linear(whatsapp_data_free_bytes[${span(6 * HOUR)}], ${limit(DAY)})) < 0`,
      summary: `The volume of ${SESSION_NAME} will be full within a day`,
      description: `{{ $value | humanizePercentage }} of the volume of ${SESSION_NAME} are free, and at the pace of the last six hours none will be within a day. A session whose volume is full refuses messages.`,
    },
    {
      alert: 'WhatsAppVolumeNearlyFull',
      severity: 'critical',
      forSeconds: 5 * MINUTE,
      expr: `${free} < 0.1`,
      summary: `The volume of ${SESSION_NAME} is nearly full`,
      description: `{{ $value | humanizePercentage }} of the volume of ${SESSION_NAME} are free. A session whose volume is full refuses messages.`,
    },
    {
      alert: 'WhatsAppMemoryNearLimit',
      severity: 'warning',
      forSeconds: 15 * MINUTE,
      expr: `max ${BY_SESSION} (whatsapp_container_memory_working_set_bytes / whatsapp_container_memory_limit_bytes) > 0.9`,
      summary: `WhatsApp session ${SESSION_NAME} is close to its memory limit`,
      description: `${SESSION_NAME} uses {{ $value | humanizePercentage }} of the memory that its container may have. At the limit the kernel ends it, and it starts anew.`,
    },
  ];
};
