import { render } from 'preact';
import { chartStyle } from 'selftarget/view';
import { App } from './app.jsx';
import { cannotTrain } from './capabilities.js';
import { beginVisit, onMessage } from './session.js';
import * as state from './state.js';
import './style.css';
import { startTrainer } from './trainerClient.js';

const colours = document.createElement('style');
colours.textContent = chartStyle;
document.head.append(colours);

const obstacle = cannotTrain();
if (obstacle) {
  state.phase.value = 'unsupported';
  state.unsupported.value = obstacle;
} else {
  startTrainer(onMessage);
  void beginVisit();
}
render(<App />, document.getElementById('app') as HTMLElement);
