import JSON

/// A reader fed in chunks of one size.
func reader(_ bytes: [UInt8], chunk: Int, limits: JSONLimits = .default) -> JSONReader {
    var rest = bytes[...]
    return JSONReader(limits: limits) { window in
        window.append(contentsOf: rest.prefix(chunk))
        rest = rest.dropFirst(chunk)
        return !rest.isEmpty
    }
}

/// A whole value through the streaming reader, to its end.
func readWhole(_ bytes: [UInt8], chunk: Int, limits: JSONLimits = .default) throws -> JSONValue {
    var reader = reader(bytes, chunk: chunk, limits: limits)
    let value = try reader.nextValue()
    while try reader.next() != nil {}
    return value ?? nil
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
