import { expect, it } from 'vitest';
import { whatNext } from './farewell.ts';

const surroundings = {
  environment: 'export KUBECONFIG=/state/kubeconfig',
  namespace: 'whatsapp-demo',
  session: 'sales',
  system: 'whatsapp-system',
  sandbox: 'whatsapp-operator-sandbox',
};

it('names the phone page, the API with its key, and how to be rid of it all', () => {
  const text = whatNext(surroundings);
  expect(text).toContain('kubectl port-forward -n whatsapp-system service/whatsapp-operator-sandbox 8080');
  expect(text).toContain('kubectl port-forward -n whatsapp-demo service/sales 3000');
  expect(text).toContain('kubectl get secret -n whatsapp-demo sales-api-key');
  expect(text).toContain('make demo-down');
});

it('tells a shell about the cluster only where it does not know already', () => {
  expect(whatNext(surroundings)).toContain('export KUBECONFIG=/state/kubeconfig');
  expect(whatNext({ ...surroundings, environment: undefined })).not.toContain('export');
});
