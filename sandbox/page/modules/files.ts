import {
  download,
  getOrCreateMediaObject,
  type MediaObject,
  OpaqueData,
  prepRawMedia,
  upload,
  uploadMedia,
} from '../media.ts';
import type { Modules } from './linking.ts';

/** Files: preparing, sending and fetching them. */
export function fileModules(): Modules {
  const cache = new Map<string, Blob>();
  return {
    WAWebMediaOpaqueData: OpaqueData,
    WAWebPrepRawMedia: { prepRawMedia },
    WAWebMediaStorage: { getOrCreateMediaObject },
    WAWebMmsMediaTypes: {
      msgToMediaType: ({ type }: { readonly type: string }) => type,
      castToV4: (type: string) => type,
    },
    WAWebMediaDataUtils: { shouldUseMediaCache: (type: MediaObject['type']) => type === 'image' },
    WAWebMediaInMemoryBlobCache: {
      InMemoryMediaBlobCache: { put: (hash: string, blob: Blob) => cache.set(hash, blob) },
    },
    WAWebMediaMmsV4Upload: { uploadMedia },
    WAWebDownloadManager: { downloadManager: { downloadAndMaybeDecrypt: download } },
    WAWebStartMediaUploadQpl: { startMediaUploadQpl: () => ({}) },
    WAWebUploadManager: {
      encryptAndUpload: async ({ blob }: { readonly blob: Blob }) => {
        const kept = await upload(blob);
        return { ...kept, url: kept.directPath, encFilehash: kept.filehash, mimetype: blob.type };
      },
    },
  };
}
