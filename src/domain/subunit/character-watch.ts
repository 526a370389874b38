/** Follows foreign bytes and knows whether the last one was in the middle of a character. */
export interface CharacterWatch {
  readonly inside: boolean;
  add(byte: number): void;
}

/**
 * UTF-8 as Python's incremental decoder takes it: a byte that does not fit is dropped, and what was begun goes on waiting for its end.
 * Of half a surrogate it takes two bytes before it finds that nothing can follow them, and then takes nothing any more.
 */
export function createCharacterWatch(): CharacterWatch {
  let first = 0;
  let second = 0;
  let missing = 0;
  let inside = false;

  function fits(byte: number): boolean {
    if (second === 0) return byte >= lowestSecond(first) && byte <= highestSecond(first);
    return byte >= 0x80 && byte <= 0xbf && !(first === 0xed && second >= 0xa0);
  }

  return {
    get inside() {
      return inside;
    },
    add(byte) {
      if (missing === 0) {
        first = byte;
        second = 0;
        missing = followers(byte);
      } else if (fits(byte)) {
        second ||= byte;
        missing -= 1;
      } else {
        inside = false;
        return;
      }
      inside = missing > 0;
    },
  };
}

/** How many bytes follow the first one of a character; 0 also for what begins none. */
function followers(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return 0;
  if (byte < 0xe0) return 1;
  return byte < 0xf0 ? 2 : 3;
}

function lowestSecond(first: number): number {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(first: number): number {
  return first === 0xf4 ? 0x8f : 0xbf;
}
