/** A small picture: on a canvas, or where there is none as an image. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Pixels } from 'selftarget/view';
import { canDraw } from './capabilities.js';

interface PictureProps {
  readonly pixels: Pixels;
  readonly label: string;
  readonly class?: string;
}

export function Picture({ pixels, label, class: name = '' }: PictureProps) {
  return canDraw ? (
    <CanvasPicture pixels={pixels} label={label} class={name} />
  ) : (
    <ImagePicture pixels={pixels} label={label} class={name} />
  );
}

function CanvasPicture({ pixels, label, class: name }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
  }, [pixels]);
  const { width, height } = pixels;
  return (
    <canvas
      ref={canvas}
      class={`pixels ${name}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    />
  );
}

function ImagePicture({ pixels, label, class: name }: PictureProps) {
  const address = usePng(pixels);
  return <img class={`pixels ${name}`} src={address} alt={label} />;
}

/** The picture as a PNG file's address. */
export function usePng(pixels: Pixels | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!pixels) return;
    let made: string | undefined;
    let gone = false;
    import('fast-png').then(({ encode }) => {
      if (gone) return;
      const { width, height, data } = pixels;
      const bytes = encode({ width, height, data: new Uint8Array(data.buffer), channels: 4 });
      made = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
      setAddress(made);
    });
    return () => {
      gone = true;
      // The image may still be on its way to the screen.
      const old = made;
      if (old) setTimeout(() => URL.revokeObjectURL(old), 5000);
    };
  }, [pixels]);
  return address;
}
