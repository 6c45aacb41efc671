/** Requests as they are written, one for each kind of message: shown in the documentation, and tested to be valid. */
export const sendExamples = {
  text: { to: '+55 11 91234-5678', content: { type: 'text', text: 'hello' } },
  reply: {
    to: '5511912345678@c.us',
    content: { type: 'text', text: 'yes' },
    replyTo: 'false_5511912345678@c.us_3EB0C431C26A1916E07A',
  },
  mention: {
    to: '120363025246125486@g.us',
    content: { type: 'text', text: 'over to you, @5511912345678' },
    mentions: ['5511912345678'],
  },
  image: {
    to: '+55 11 91234-5678',
    content: { type: 'image', media: { url: 'https://example.com/photo.jpg' }, caption: 'look' },
  },
  document: {
    to: '+55 11 91234-5678',
    content: { type: 'document', media: { data: 'JVBERi0xLjQK' }, filename: 'invoice.pdf' },
  },
  voice: {
    to: '+55 11 91234-5678',
    content: { type: 'voice', media: { url: 'https://example.com/hello.ogg' } },
  },
  location: {
    to: '+55 11 91234-5678',
    content: { type: 'location', latitude: -23.5614, longitude: -46.6559, name: 'Paulista 1578' },
  },
  contacts: {
    to: '+55 11 91234-5678',
    content: { type: 'contacts', contacts: [{ name: 'Ada', phoneNumber: '+44 20 7946 0000' }] },
  },
  poll: {
    to: '120363025246125486@g.us',
    content: { type: 'poll', question: 'Lunch?', options: ['12:00', '13:00'], multiple: true },
  },
  reaction: {
    to: '5511912345678@c.us',
    content: { type: 'reaction', messageId: 'false_5511912345678@c.us_3EB0C431C26A1916E07A', emoji: '👍' },
  },
} as const;
