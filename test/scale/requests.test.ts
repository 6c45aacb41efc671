import { expect, test } from 'vitest';
import { ownWrites, quantile, samplesOf, servedWrites } from './requests.ts';

const scrape = `# HELP rest_client_requests_total Number
rest_client_requests_total{code="201",method="POST",host="a:1"} 5
rest_client_requests_total{code="200",method="PATCH",host="a:1"} 2
rest_client_requests_total{code="200",method="PUT",host="a:1"} 30
rest_client_requests_total{code="200",method="GET",host="a:1"} 9
apiserver_request_total{code="200",dry_run="",resource="whatsappsessions",subresource="status",verb="PATCH"} 7
apiserver_request_total{code="201",dry_run="",resource="pods",subresource="",verb="POST"} 4
apiserver_request_total{code="201",dry_run="All",resource="pods",subresource="",verb="POST"} 3
apiserver_request_total{code="200",dry_run="",resource="pods",subresource="",verb="LIST"} 8
plain 1.5
`;

test('samples are found with their labels', () => {
  expect(samplesOf(scrape, 'plain')).toEqual([{ labels: {}, value: 1.5 }]);
  expect(samplesOf(scrape, 'rest_client_requests_total')).toHaveLength(4);
});

test("an operator's writes are those that are neither reads nor its lease", () => {
  expect(ownWrites(scrape)).toBe(7);
});

test('what the API server counts is told apart by kind, without trials', () => {
  expect(servedWrites(scrape, 'pods')).toBe(4);
  expect(servedWrites(scrape, 'whatsappsessions/status')).toBe(7);
});

test('a quantile is a value that was seen', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([quantile(values, 0.5), quantile(values, 0.99), quantile([7], 0.99)]).toEqual([50, 99, 7]);
});
