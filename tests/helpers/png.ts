import { crc32 } from 'node:zlib';

/** Keyword, uncompressed, no language, no translated keyword. */
const PREFIX = Buffer.from('Description\0\0\0\0\0');
/** Where the chunks begin, after the signature; the first one, IHDR, has 25 bytes. */
const FIRST_CHUNK = 8;
const AFTER_IHDR = FIRST_CHUNK + 25;

/** A PNG's size and the text that `describePng` wrote into it (PNG §11.2.1 and §11.3.3.4). */
export function readPng(png: Buffer): { width: number; height: number; description: string } {
  let description = '';
  for (let at = FIRST_CHUNK; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (png.toString('latin1', at + 4, at + 8) === 'iTXt' && data.subarray(0, PREFIX.length).equals(PREFIX))
      description = data.toString('utf8', PREFIX.length);
  }
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), description };
}

/** The same picture with a description of what it shows. */
export function describePng(png: Buffer, description: string): Buffer {
  const data = Buffer.concat([PREFIX, Buffer.from(description)]);
  const body = Buffer.concat([Buffer.from('iTXt'), data]);
  const head = [png.subarray(0, AFTER_IHDR), uint32(data.length), body, uint32(crc32(body))];
  return Buffer.concat([...head, png.subarray(AFTER_IHDR)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
