import ConnectorHost
import Testing

@Suite struct OutputLinesTests {
    private let start = ContinuousClock.now

    private func lines(_ secrets: [String] = [], burst: Int = 1 << 20) -> OutputLines {
        OutputLines(masking: secrets, budget: OutputBudget(burst: burst, perSecond: 1_000, now: start))
    }

    private func take(_ chunks: [String], _ lines: inout OutputLines) -> [String] {
        chunks.flatMap { lines.take(Array($0.utf8), now: start).lines } + lines.finish().lines
    }

    @Test func `lines come whole, whatever the pieces`() {
        var lines = lines()
        #expect(take(["one\ntw", "o\r\n", "\n", "three"], &lines) == ["one", "two", "three"])
    }

    @Test func `a secret is masked across pieces, in whatever way it is cut`() {
        let text = "before sesame42 after\nnext sesame42\n"
        for cut in 1..<text.utf8.count {
            var lines = lines(["sesame42"])
            let bytes = Array(text.utf8)
            var found = lines.take(Array(bytes[..<cut]), now: start).lines
            found += lines.take(Array(bytes[cut...]), now: start).lines + lines.finish().lines
            #expect(found == ["before <secret> after", "next <secret>"])
        }
    }

    @Test func `a secret at the place where a line is cut does not come through`() {
        var lines = lines(["sesame42"])
        let text = String(repeating: "x", count: OutputLines.longestLine - 4) + "sesame42 more\nshort\n"
        let found = take([text], &lines)
        #expect(found.count == 2 && found[1] == "short")
        #expect(found[0].hasSuffix("<sec … (cut)"))
        #expect(!found[0].contains("sesa"))
    }

    @Test func `a new secret is masked from then on`() {
        var lines = lines(["sesame42"])
        #expect(lines.take(Array("a fresh99 b\n".utf8), now: start).lines == ["a fresh99 b"])
        lines.mask("fresh99")
        #expect(take(["a fresh99 sesame42 b\n"], &lines) == ["a <secret> <secret> b"])
    }

    @Test func `a flood is left out and counted, and lines begin anew after it`() {
        var lines = lines(burst: 1_000)
        #expect(lines.take(Array("first\n".utf8), now: start).lines == ["first"])
        let flood = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 10)
        for _ in 0..<1_600 { #expect(lines.take(flood, now: start).lines.isEmpty) }
        let later = start + .seconds(2)
        let result = lines.take(Array("end of the flood\nnext\n".utf8), now: later)
        #expect(result.lines == ["next"])
        #expect(result.omitted == 1_600 * (64 << 10))
        #expect(lines.finish().omitted == 0)
    }

    @Test func `many short lines cost more than their bytes`() {
        var lines = lines(burst: 64 << 10)
        var count = 0
        for _ in 0..<1_000 {
            count += lines.take(Array(repeating: UInt8(ascii: "x"), count: 10) + [10], now: start).lines.count
        }
        #expect(count < 600)
        #expect(lines.finish().omitted > 4_000)
    }

    @Test func `bytes that are no text are shown as what they are not`() {
        var lines = lines()
        #expect(lines.take([0xFF, 0x41, 10], now: start).lines == ["\u{FFFD}A"])
    }
}
