import type { Cluster } from '../../cluster/cluster.ts';
import { runInNode } from '../../cluster/node/node.ts';

/** Runs in the node, where etcd listens on the loopback interface only. */
const program = `
const post = async (path, body) => {
  const answer = await fetch('http://127.0.0.1:2379' + path, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + (await answer.text()));
  return answer.json();
};
const { header } = await post('/v3/kv/range', { key: Buffer.from('/').toString('base64') });
await post('/v3/kv/compaction', { revision: header.revision, physical: true });
console.log(header.revision);
`;

/** Has etcd forget all versions but the present one, as the API server does every five minutes. Returns that one. */
export const compactEtcd = async (cluster: Cluster): Promise<string> =>
  (await runInNode(cluster, [process.execPath, '--input-type=module', '-e', program])).trim();
