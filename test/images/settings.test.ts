import { describe, expect, it } from 'vitest';
import { ImageError } from './errors.ts';
import { readSettings } from './settings.ts';

describe('the settings of the image builder', () => {
  it.each([
    { name: 'a home', environment: { HOME: '/home/u' }, cache: '/home/u/.cache/whatsapp-operator/images' },
    {
      name: 'an XDG cache',
      environment: { HOME: '/home/u', XDG_CACHE_HOME: '/c' },
      cache: '/c/whatsapp-operator/images',
    },
    {
      name: 'a relative XDG cache, which counts for nothing',
      environment: { HOME: '/home/u', XDG_CACHE_HOME: 'c' },
      cache: '/home/u/.cache/whatsapp-operator/images',
    },
    { name: 'a folder of its own', environment: { HOME: '/h', WHATSAPP_OPERATOR_IMAGES: '/i' }, cache: '/i' },
  ])('put the cache by $name', ({ environment, cache }) => {
    expect(readSettings(environment)).toEqual({ cache, bases: 'stand-in', sourcesFile: undefined });
  });

  it('name everything that is wrong at once', () => {
    const bad = { WHATSAPP_OPERATOR_IMAGES: 'i', WHATSAPP_OPERATOR_BASES: 'docker' };
    expect(() => readSettings(bad)).toThrow(
      new ImageError(
        'IMAGES_BAD_SETTING',
        'WHATSAPP_OPERATOR_BASES: "docker" is neither stand-in nor registry\n' +
          'WHATSAPP_OPERATOR_IMAGES: "i" is not an absolute path',
      ),
    );
  });

  it.each(['/a:b', '/a,b', '/a b', '/a"b'])('refuse the folder %s, which buildah would misread', (folder) => {
    expect(() => readSettings({ WHATSAPP_OPERATOR_IMAGES: folder })).toThrow('has characters other than');
  });
});
