/**
 * Modules of the page without which whatsapp-web.js 1.34.7 does not get to `ready`, or is deaf once it is. Asked for
 * when a page has synced and the library did not notice, to tell a changed page from a missed event.
 */
export const requiredModules: readonly string[] = [
  'WABase64',
  'WAWebAdvSignatureApi',
  'WAWebAltDeviceLinkingApi',
  'WAWebCallCollection',
  'WAWebChatGetters',
  'WAWebCmd',
  'WAWebCollections',
  'WAWebCompanionRegClientUtils',
  'WAWebConnModel',
  'WAWebFindChatAction',
  'WAWebMsgKey',
  'WAWebOfflineHandler',
  'WAWebSendMsgChatAction',
  'WAWebSignalStoreApi',
  'WAWebSocketModel',
  'WAWebSyncGatingUtils',
  'WAWebUserPrefsInfoStore',
  'WAWebUserPrefsMeUser',
  'WAWebWidFactory',
];
