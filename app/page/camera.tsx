/** The visitor's camera, for one picture at a time. Nothing is recorded or sent. */
import { useEffect, useRef } from 'preact/hooks';
import { refuse } from './notices.js';

export const hasCamera = typeof navigator.mediaDevices?.getUserMedia === 'function';

export function Camera({ onPicture, onEnd }: { onPicture: (picture: Blob) => void; onEnd: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let gone = false;
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment', width: { ideal: 640 } } })
      .then((opened) => {
        stream = opened;
        if (gone) stop(opened);
        else if (video.current) video.current.srcObject = opened;
      })
      .catch((error) => {
        if (gone) return;
        refuse(whyNot(error));
        onEnd();
      });
    return () => {
      gone = true;
      if (stream) stop(stream);
    };
  }, [onEnd]);
  return (
    <div class="camera">
      <video ref={video} autoPlay playsInline muted aria-label="What the camera sees" />
      <div class="buttons">
        <button
          type="button"
          class="main"
          onClick={() => {
            if (video.current) takePicture(video.current, onPicture);
          }}
        >
          Take a picture
        </button>
        <button type="button" onClick={onEnd}>
          Stop
        </button>
      </div>
    </div>
  );
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The square in the middle, which is what is shown. */
function takePicture(video: HTMLVideoElement, onPicture: (picture: Blob) => void): void {
  const side = Math.min(video.videoWidth, video.videoHeight);
  if (side === 0) return;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [side, side];
  const [x, y] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  canvas.getContext('2d')?.drawImage(video, x, y, side, side, 0, 0, side, side);
  canvas.toBlob((blob) => {
    if (blob) onPicture(blob);
  });
}

function whyNot(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser did not allow the camera. Allow it for this page, or choose a picture.';
  if (name === 'NotFoundError') return 'No camera was found. Choose a picture instead.';
  return 'The camera could not be started; another program may be using it. Choose a picture instead.';
}
