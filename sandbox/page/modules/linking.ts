import { encodeB64 } from '../keys.ts';
import type { Session } from '../session.ts';
import { Wid } from '../wid.ts';

/** A module of the page: plain, so that the library can replace its members. */
export type Modules = Readonly<Record<string, object>>;

/** Registration, connection and linking: what whatsapp-web.js requires before it says `ready`. */
export function linkingModules(session: Session): Modules {
  const { keys, library } = session;
  const browser = { info: () => ({ os: 'Linux', name: 'Chrome' }) };
  session.browserName = () => {
    const { os, name } = browser.info();
    return `${name} (${os})`;
  };
  const meUser = {
    getMaybeMePnUser: () => (library.maybeMe === undefined ? null : new Wid(library.maybeMe.jid)),
    getMaybeMeLidUser: () => (library.maybeMe === undefined ? null : new Wid(library.maybeMe.lid)),
  };
  return {
    WAWebSocketModel: { Socket: session.socket },
    WAWebConnModel: { Conn: session.conn },
    WAWebOfflineHandler: {
      OfflineMessageHandler: { getOfflineDeliveryProgress: () => session.offlineProgress() },
    },
    WAWebAltDeviceLinkingApi: {
      setPairingType: (_type: string) => {},
      initializeAltDeviceLinking: async () => {},
      initializeQRLinking: async () => {},
      startAltLinkingFlow: async (phone: string, _showNotification: boolean) =>
        (await session.requests.ask({ kind: 'request-code', phone })).code,
    },
    WABase64: { encodeB64 },
    WAWebCompanionRegClientUtils: { DEVICE_PLATFORM: keys.platform },
    WAWebAdvSignatureApi: {},
    WAWebUserPrefsInfoStore: {
      waNoiseInfo: { get: async () => ({ staticKeyPair: { pubKey: keys.noise } }) },
    },
    WAWebSignalStoreApi: {
      waSignalStore: { getRegistrationInfo: async () => ({ identityKeyPair: { pubKey: keys.identity } }) },
    },
    WAWebUserPrefsMultiDevice: { getADVSecretKey: () => keys.advSecret },
    WAWebLaunchSocketUtils: { refreshQR: () => session.refreshRefs() },
    WAWebMiscBrowserUtils: browser,
    WAWebUserPrefsMeUser: meUser,
    WAWebStreamModel: { Stream: { markAvailable: () => {}, markUnavailable: () => {} } },
    WAWebSyncGatingUtils: { isPlaceholderMessageResendEnabled: () => false },
  };
}
