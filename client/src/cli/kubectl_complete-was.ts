#!/usr/bin/env node
import process from 'node:process';
import { main } from './main.ts';

// kubectl asks plugins for completions by this program, and reads Cobra's directive behind them: 4, no file names.
process.on('exit', () => process.stdout.write(':4\n'));
await main('kubectl was', ['__complete', ...process.argv.slice(2)]);
