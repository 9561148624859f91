import Glibc

/// libFuzzer's entry: one input for the parser that FUZZ_PARSER names. What a parser may not do ends the process.
@c
public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    do {
        try parser.feed(bytes)
    } catch {
        fatalError("\(error)")
    }
    return 0
}

private let parser: FuzzedParser = {
    let name = unsafe getenv("FUZZ_PARSER").map { unsafe String(cString: $0) } ?? ""
    guard let parser = FuzzedParser(rawValue: name) else { fatalError("FUZZ_PARSER is csv, json or xlsx") }
    return parser
}()
