import { expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { problemKinds } from './problem.ts';
import { commonProblems, type Route } from './route.ts';
import { routes } from './routes/index.ts';

const document = JSON.parse(JSON.stringify(openApiDocument())) as {
  readonly paths: Record<
    string,
    Record<
      string,
      { operationId: string; responses: Record<string, unknown>; parameters: { name: string; in: string }[] }
    >
  >;
  readonly components: { readonly schemas: Record<string, unknown> };
};

/** Every value of a member of this name, wherever it is. */
function collect(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === name ? [member] : collect(name, member)));
}

test('every route is there once, under its own name', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(routes).sort());
});

test('every reference leads somewhere', () => {
  const references = collect('$ref', document);
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const name = String(reference).replace('#/components/schemas/', '');
    expect(Object.keys(document.components.schemas)).toContain(name);
  }
});

test('every parameter of a path is described', () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters } of Object.values(operations)) {
      expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(
        named,
      );
    }
  }
});

test('every problem that a route names has a status in its answers', () => {
  for (const route of Object.values<Route>(routes)) {
    const operation = document.paths[route.path.replaceAll(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];
    for (const code of [...route.problems, ...commonProblems]) {
      expect(Object.keys(operation?.responses ?? {})).toContain(String(problemKinds[code].status));
    }
  }
});

test('every problem is told by some route, and its advice fits its status', () => {
  const told = new Set([
    ...commonProblems,
    ...Object.values<Route>(routes).flatMap(({ problems }) => problems),
  ]);
  expect([...told].sort()).toEqual(Object.keys(problemKinds).sort());
  for (const { status, retry } of Object.values(problemKinds)) {
    if ([429, 503, 504, 507].includes(status)) expect(retry).toBe('later');
    if ([400, 401, 403, 404, 405, 413, 415].includes(status)) expect(retry).toBe('never');
  }
});

test('every example is a valid request', () => {
  for (const [name, { body, examples }] of Object.entries<Route>(routes)) {
    for (const [what, example] of Object.entries(examples)) {
      expect(body?.safeParse(example).error, `${name} ${what}`).toBeUndefined();
    }
  }
});
