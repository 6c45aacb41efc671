import './zod-without-eval.ts';
import { render } from 'preact';
import { App } from './parts/app.tsx';
import './styles/phone.css';

const root = document.getElementById('app');
if (root === null) throw new Error('the document has no place for the page');
root.replaceChildren();
render(<App />, root);
