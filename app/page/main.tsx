import { render } from 'preact';
import { chartStyle } from 'selftarget/view';
import { App } from './app.jsx';
import { cannotTrain } from './capabilities.js';
import { open } from './actions.js';
import * as state from './state.js';
import './style.css';
import { findServed, startTrainer } from './trainerClient.js';

const colours = document.createElement('style');
colours.textContent = chartStyle;
document.head.append(colours);

const obstacle = cannotTrain();
if (obstacle) {
  state.phase.value = 'unsupported';
  state.unsupported.value = obstacle;
} else {
  startTrainer();
  open({ kind: 'digits' });
}
render(<App />, document.getElementById('app') as HTMLElement);
void findServed();
