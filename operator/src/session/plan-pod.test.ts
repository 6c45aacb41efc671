import type { WhatsAppSession } from '@whatsapp-operator/api/resource';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { NOW, sessionOf, settings, worldOf } from './testing/factories.ts';

describe('the image of a session that names none', () => {
  const both = { ...settings, chromiumImage: 'session:1-chromium' };
  const chromium = { browser: { flavor: 'Chromium' } } as const;
  const keptImage = (image: string) => ({ apiKeySecret: 'sales-api-key', image });
  const imageOf = (of: WhatsAppSession) => {
    const made = decide(worldOf(of), both, NOW).steps.find(
      (step) => step.kind === 'create' && step.child === 'pod',
    );
    return made?.kind === 'create' && 'containers' in made.object.spec
      ? made.object.spec.containers[0]?.image
      : undefined;
  };

  it('is the one that has the browser in it', () => {
    expect(imageOf(sessionOf(chromium))).toBe('session:1-chromium');
    expect(imageOf(sessionOf())).toBe(settings.defaultImage);
  });
  it('is not kept when the browser was changed while the pod was lost', () => {
    const status = keptImage(settings.defaultImage);
    expect(imageOf(sessionOf(chromium, { status }))).toBe('session:1-chromium');
  });
  it('is kept otherwise', () => {
    const status = keptImage('session:0-chromium');
    expect(imageOf(sessionOf(chromium, { status }))).toBe('session:0-chromium');
  });
});
