/** What a module's functions need of the shared helpers; Go has no use for unused ones. */
export interface GoNeeds {
  readonly sized: boolean;
  readonly decode: boolean;
  readonly encodeMap: boolean;
  readonly encodeStrings: boolean;
}

/** Imports and helpers at the top of each package. */
export function goSupport(needs: GoNeeds): string[] {
  const binary = needs.decode || needs.encodeMap || needs.encodeStrings;
  const imports = [...(binary ? ["encoding/binary"] : []), "errors", "fmt", "unsafe"];
  return [
    "import (",
    ...imports.map((path) => `\t"${path}"`),
    ")",
    ...lines(FAILURE),
    ...(needs.sized ? lines(SIZED) : []),
    ...(needs.encodeMap || needs.encodeStrings ? lines(ENCODE) : []),
    ...(needs.encodeStrings ? lines(ENCODE_STRINGS) : []),
    ...(needs.encodeMap ? lines(ENCODE_MAP) : []),
    ...(needs.decode ? lines(DECODE) : []),
  ];
}

function lines(text: string): string[] {
  return text.trimEnd().split("\n");
}

const FAILURE = `
// ErrFailed is what every error of this package wraps.
var ErrFailed = errors.New("the host refused or failed; the function's log says why")

// failure is what the imports answer when they failed.
const failure = 0xffff

func succeeded(function string, answer uint32) (uint32, error) {
	if answer == failure {
		return 0, fmt.Errorf("%s: %w", function, ErrFailed)
	}
	return answer, nil
}
`;

const SIZED = `
//go:wasmimport core read_exchange_buffer
func supportRead(bufferID uint32, result unsafe.Pointer, length uint32) uint32

//go:wasmimport core free_buffer
func supportFree(bufferID uint32) uint32

// readSized asks for the size, then for that many bytes. A size of 65535 may be the failure value as
// well: the space is marked, and when the marks are still there afterwards, nothing was copied.
func readSized(function string, read func(unsafe.Pointer, uint32) uint32) ([]byte, error) {
	const mark, marks = 0x9d, 16
	size := read(nil, 0)
	// One byte more, so that there is something to point at when the size is 0.
	space := make([]byte, int(size)+1)
	if size == failure {
		for i := failure - marks; i < failure; i++ {
			space[i] = mark
		}
	}
	copied := read(unsafe.Pointer(unsafe.SliceData(space)), size)
	left := 0
	if size == failure {
		for _, one := range space[failure-marks : failure] {
			if one == mark {
				left++
			}
		}
	}
	if copied != size || left == marks {
		return nil, fmt.Errorf("%s: %w", function, ErrFailed)
	}
	return space[:size], nil
}

// take reads the buffer that an import answered, and frees it.
func take(function string, bufferID uint32) ([]byte, error) {
	if _, err := succeeded(function, bufferID); err != nil {
		return nil, err
	}
	defer supportFree(bufferID)
	return readSized(function, func(result unsafe.Pointer, length uint32) uint32 {
		return supportRead(bufferID, result, length)
	})
}
`;

const ENCODE = `
func appendItem(encoded []byte, item string) []byte {
	encoded = binary.LittleEndian.AppendUint32(encoded, uint32(len(item)))
	return append(encoded, item...)
}
`;

const ENCODE_STRINGS = `
func encodeStrings(items []string) []byte {
	encoded := binary.LittleEndian.AppendUint32(nil, uint32(len(items)))
	for _, item := range items {
		encoded = appendItem(encoded, item)
	}
	return encoded
}
`;

const ENCODE_MAP = `
func encodeMap(entries map[string][]byte) []byte {
	encoded := binary.LittleEndian.AppendUint32(nil, uint32(2*len(entries)))
	for key, value := range entries {
		encoded = appendItem(appendItem(encoded, key), string(value))
	}
	return encoded
}
`;

const DECODE = `
func decodeItem(encoded []byte) (item, rest []byte, ok bool) {
	if len(encoded) < 4 {
		return nil, nil, false
	}
	length := binary.LittleEndian.Uint32(encoded)
	if uint32(len(encoded)-4) < length {
		return nil, nil, false
	}
	return encoded[4 : 4+length], encoded[4+length:], true
}

func decodeMap[V string | []byte](function string, encoded []byte) (map[string]V, error) {
	if len(encoded) < 4 {
		return nil, fmt.Errorf("%s: the answer cannot be decoded", function)
	}
	entries := map[string]V{}
	rest := encoded[4:]
	for range binary.LittleEndian.Uint32(encoded) / 2 {
		var key, value []byte
		var keyOK, valueOK bool
		key, rest, keyOK = decodeItem(rest)
		value, rest, valueOK = decodeItem(rest)
		if !keyOK || !valueOK {
			return nil, fmt.Errorf("%s: the answer cannot be decoded", function)
		}
		entries[string(key)] = V(value)
	}
	return entries, nil
}
`;
