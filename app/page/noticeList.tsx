/** Notices at the edge of the window, where they move nothing. */
import { close } from './notices.js';
import * as state from './state.js';

export function Notices() {
  return (
    <div class="notices">
      {state.notices.value.map((notice) => (
        <div
          key={notice.text}
          class={`notice ${notice.kind === 'error' ? 'error' : ''}`}
          role={notice.kind === 'error' ? 'alert' : 'status'}
        >
          <p>{notice.text}</p>
          <div class="buttons">
            {notice.action && (
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  close(notice);
                  notice.action?.run();
                }}
              >
                {notice.action.label}
              </button>
            )}
            <button type="button" class="quiet" onClick={() => close(notice)}>
              Close
            </button>
          </div>
        </div>
      ))}
    </div>
  );
}
