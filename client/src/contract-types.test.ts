import type * as session from '@whatsapp-operator/api/session';
import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type * as contract from './generated/contract.ts';

/** Readonly through and through, as the generated types are; an optional field may also be undefined. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** What one says, the other says: the compiler fails this file otherwise. */
test('the published types are those of the contract', () => {
  expectTypeOf<contract.SendRequest>().toEqualTypeOf<Frozen<z.input<typeof session.sendRequestSchema>>>();
  expectTypeOf<contract.MessageContent>().toEqualTypeOf<Frozen<z.input<typeof session.messageContent>>>();
  expectTypeOf<contract.Message>().toEqualTypeOf<Frozen<session.MessageResource>>();
  expectTypeOf<contract.MessagePage>().toEqualTypeOf<Frozen<session.MessagePage>>();
  expectTypeOf<contract.Session>().toEqualTypeOf<Frozen<session.Session>>();
  expectTypeOf<contract.Problem>().toEqualTypeOf<Frozen<session.Problem>>();
  expectTypeOf<contract.QrCode>().toEqualTypeOf<Frozen<z.output<typeof session.qrSchema>>>();
  expectTypeOf<contract.PairingCode>().toEqualTypeOf<Frozen<z.output<typeof session.pairingCodeSchema>>>();
  expectTypeOf<contract.Chat>().toEqualTypeOf<Frozen<z.output<typeof session.chatSchema>>>();
  expectTypeOf<contract.Contact>().toEqualTypeOf<Frozen<z.output<typeof session.contactSchema>>>();
  expectTypeOf<contract.HistoryMessage>().toEqualTypeOf<
    Frozen<z.output<typeof session.historyMessageSchema>>
  >();
  expectTypeOf<contract.NumberLookup>().toEqualTypeOf<Frozen<z.output<typeof session.numberSchema>>>();
});
