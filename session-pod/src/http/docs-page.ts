import { createHash } from 'node:crypto';
import { openApiDocument, problemKinds, type Route, routes } from '@whatsapp-operator/api/session';
import { Router as createRouter, type Router } from 'express';
import { z } from 'zod';

/** The OpenAPI document, and a page that a person can read: one file, no script, nothing from elsewhere. */

const escapeHtml = (text: string): string =>
  text.replaceAll(
    /[&<>"]/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign,
  );

/** Text with `code` in backticks, paragraphs by empty lines. */
const prose = (text: string): string =>
  text
    .split('\n\n')
    .map((part) => `<p>${escapeHtml(part).replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('');

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; } h3 { margin: 2.5rem 0 .25rem; font-size: 1.05rem; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid #8886; border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: top; border-bottom: 1px solid #8884; }
td p { margin: 0; }
details > summary { cursor: pointer; } nav a { margin-right: 1rem; } .method { font-weight: 700; }
`;

function schemaText(schema: z.ZodType, io: 'input' | 'output'): string {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return `<details><summary>Schema</summary><pre>${escapeHtml(JSON.stringify(rest, null, 2))}</pre></details>`;
}

function parameterRows(shape: z.ZodObject, place: string): string {
  return Object.entries(shape.shape as Record<string, z.ZodType>)
    .map(([name, schema]) => {
      const what = schema.description ?? schema.meta()?.description ?? '';
      const { enum: options } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      const values =
        options === undefined
          ? ''
          : ` One of ${options.map((each) => `<code>${escapeHtml(String(each))}</code>`).join(', ')}.`;
      return `<tr><td><code>${escapeHtml(name)}</code></td><td>${place}</td><td>${prose(what)}${values}</td></tr>`;
    })
    .join('');
}

function examplesHtml({ examples }: Route): string {
  const lines = Object.values(examples).map((example) => escapeHtml(JSON.stringify(example)));
  return lines.length === 0 ? '' : `<pre>${lines.join('\n')}</pre>`;
}

function routeHtml(name: string, route: Route): string {
  const rows =
    parameterRows(route.params, 'path') +
    parameterRows(route.query, 'query') +
    parameterRows(route.headers, 'header');
  const parameters =
    rows === '' ? '' : `<table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>${rows}</table>`;
  const others = Object.entries(route.otherBodies)
    .map(([type, what]) => `<p>Or <code>${escapeHtml(type)}</code>:</p>${prose(what)}`)
    .join('');
  const body =
    route.body === undefined
      ? ''
      : `<h4>Body</h4>${examplesHtml(route)}${schemaText(route.body, 'input')}${others}`;
  const answers = Object.entries(route.answers)
    .map(([status, { description, content }]) => {
      const [first] = content;
      const schema = first?.type === 'json' ? schemaText(first.schema, 'output') : '';
      return `<p><code>${status}</code> ${escapeHtml(description)}</p>${schema}`;
    })
    .join('');
  const problems = route.problems
    .map((code) => `<a href="#problem-${code}"><code>${code}</code></a>`)
    .join(', ');
  return `<section id="${name}"><h3><span class="method">${route.method}</span> <code>${escapeHtml(route.path.replaceAll(/:(\w+)/g, '{$1}'))}</code> ${escapeHtml(route.summary)}</h3>
${prose(route.description)}${parameters}${body}<h4>Answers</h4>${answers}${problems === '' ? '' : `<p>Problems: ${problems}</p>`}</section>`;
}

/** The page; the same contract gives the same page. */
export function docsHtml(): string {
  const all = Object.entries<Route>(routes);
  const sections = (['Messages', 'Session', 'Directory'] as const).map(
    (tag) =>
      `<h2 id="${tag}">${tag}</h2>${all
        .filter(([, route]) => route.tag === tag)
        .map(([name, route]) => routeHtml(name, route))
        .join('')}`,
  );
  const problems = Object.entries(problemKinds)
    .map(
      ([code, { status, title, retry }]) =>
        `<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escapeHtml(title)}</td><td>${retry.replace('_', ' ')}</td></tr>`,
    )
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>WhatsApp session API</title><style>${STYLE}</style></head><body>
<h1>WhatsApp session API</h1>
<nav><a href="#Messages">Messages</a><a href="#Session">Session</a><a href="#Directory">Directory</a><a href="#Problems">Problems</a><a href="/openapi.json">OpenAPI 3.1</a></nav>
<p>A message that was answered with 202 is on disk: it arrives once, or its status says what became of it.</p>
<pre>curl -H "X-Api-Key: $API_KEY" http://localhost:3000/api/v1/messages \\
  -H "Idempotency-Key: $(uuidgen)" -H 'Content-Type: application/json' \\
  -d '{"to": "+55 11 91234-5678", "content": {"type": "text", "text": "hello"}}'

curl -H "X-Api-Key: $API_KEY" http://localhost:3000/api/v1/messages \\
  -F to='+55 11 91234-5678' -F type=image -F caption=Look -F file=@photo.jpg</pre>
${sections.join('')}
<h2 id="Problems">Problems</h2>
<p>Every error is <code>application/problem+json</code>. Decide by <code>code</code>; <code>retry</code> says whether sending the same request again can help.</p>
<table><tr><th>Code</th><th>Status</th><th>Meaning</th><th>Retry</th></tr>${problems}</table>
</body></html>`;
}

/** Both documents need no key: they say nothing about this session. */
export function docsRouter(): Router {
  const html = docsHtml();
  const document = JSON.stringify(openApiDocument());
  const styleHash = createHash('sha256').update(STYLE).digest('base64');
  const router = createRouter();
  router.get('/api/docs', (_request, response) => {
    response
      .set(
        'content-security-policy',
        `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      .type('html')
      .send(html);
  });
  router.get(['/openapi.json', '/api/v1/openapi.json'], (_request, response) => {
    response.type('json').send(document);
  });
  return router;
}
