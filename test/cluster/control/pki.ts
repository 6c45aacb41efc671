import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../machine/command.ts';
import type { Cluster } from '../cluster.ts';

/** A certificate of the cluster: who it speaks for, and under which names it may serve. */
interface Certificate {
  readonly name: string;
  readonly authority: 'ca' | 'front-proxy-ca';
  readonly subject: string;
  readonly alternativeNames?: readonly string[];
}

/** The user as whom the NetworkPolicy controller reads the cluster; addons/netpol.ts grants it what it needs. */
export const netpolUser = 'whatsapp-operator:netpol';

/** Ten years: a test cluster is thrown away long before. */
const validDays = '3650';

/** The certificates that the control plane and the node need; the names follow kubeadm's. */
function certificates(cluster: Cluster): readonly Certificate[] {
  const { addresses, nodeName } = cluster;
  const client = (name: string, user: string, group?: string): Certificate => ({
    name,
    authority: 'ca',
    subject: `${group === undefined ? '' : `/O=${group}`}/CN=${user}`,
  });
  const localNames = ['IP:127.0.0.1', `IP:${addresses.node}`, 'DNS:localhost'];
  return [
    {
      ...client('apiserver', 'kube-apiserver'),
      alternativeNames: [
        ...localNames,
        `IP:${addresses.apiService}`,
        'DNS:kubernetes',
        'DNS:kubernetes.default',
        'DNS:kubernetes.default.svc',
        'DNS:kubernetes.default.svc.cluster.local',
      ],
    },
    {
      ...client('kubelet', `system:node:${nodeName}`, 'system:nodes'),
      alternativeNames: [...localNames, `DNS:${nodeName}`],
    },
    { ...client('controller-manager', 'system:kube-controller-manager'), alternativeNames: localNames },
    { ...client('scheduler', 'system:kube-scheduler'), alternativeNames: localNames },
    client('admin', 'admin', 'system:masters'),
    client('proxy', 'system:kube-proxy'),
    client('netpol', netpolUser),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    { name: 'front-proxy-client', authority: 'front-proxy-ca', subject: '/CN=front-proxy-client' },
  ];
}

/**
 * Makes every key and certificate once; a second call finds them and does nothing. They appear all at once,
 * so an interrupted start leaves none behind.
 */
export async function ensurePki(cluster: Cluster): Promise<void> {
  const { pki } = cluster.paths;
  if (existsSync(pki)) return;
  const draft = `${pki}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const openssl = (...args: readonly string[]): Promise<string> =>
    runCommand(['openssl', ...args], { cwd: draft });
  const makeKey = (name: string): Promise<string> =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  await Promise.all(
    ['ca', 'front-proxy-ca'].map(async (name) => {
      await makeKey(name);
      await openssl(
        'req',
        '-x509',
        '-key',
        `${name}.key`,
        '-days',
        validDays,
        '-subj',
        `/CN=kubernetes-${name}`,
        '-out',
        `${name}.crt`,
      );
    }),
  );
  await makeKey('service-account');
  await openssl('pkey', '-in', 'service-account.key', '-pubout', '-out', 'service-account.pub');
  await Promise.all(
    certificates(cluster).map(async ({ name, authority, subject, alternativeNames }) => {
      const usage = 'extendedKeyUsage=clientAuth,serverAuth\nkeyUsage=digitalSignature\n';
      const names = alternativeNames === undefined ? '' : `subjectAltName=${alternativeNames.join(',')}\n`;
      writeFileSync(join(draft, `${name}.ext`), usage + names);
      await makeKey(name);
      await openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
      await openssl(
        ...['x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.crt`, '-CAkey', `${authority}.key`],
        // Random serial numbers: a shared counter file would be written by several of these at once.
        ...[
          '-set_serial',
          `0x${randomSerial()}`,
          '-days',
          validDays,
          '-extfile',
          `${name}.ext`,
          '-out',
          `${name}.crt`,
        ],
      );
    }),
  );
  renameSync(draft, pki);
}

const randomSerial = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 30).padStart(31, '1');
