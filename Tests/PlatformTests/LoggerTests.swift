import CSystem
import Glibc
import JSON
import Log
import Platform
import TestSupport
import Testing
import Time

struct `Log lines` {
    private let log = CapturedLog()

    private func logger(_ format: LogFormat, level: LogLevel = .info) -> Logger {
        Logger(level: level, format: format, sink: log) { Instant(microseconds: 1_709_193_900_250_000) }
    }

    @Test func `a line says when, how much it matters, what, and its fields`() throws {
        let logger = logger(.json).with([("run", "r1"), ("tenant", "t1")])
        logger.warning("slow", [("seconds", 3), ("run", "r2")])
        #expect(
            log.lines == [
                #"{"time":"2024-02-29T08:05:00.25Z","level":"warning","message":"slow","run":"r2","tenant":"t1","seconds":3}"#
                    + "\n"
            ]
        )
    }

    @Test func `text quotes what is not one word`() {
        logger(.text).info(
            "run ended",
            [("state", "done"), ("reason", "no more rows"), ("rows", 3), ("gone", nil), ("empty", "")]
        )
        #expect(
            log.lines == [
                #"2024-02-29T08:05:00.25Z info run ended state=done reason="no more rows" rows=3 gone=null empty="""#
                    + "\n"
            ]
        )
    }

    @Test func `lines below the level are not written, and their texts not made`() {
        func costly() -> String {
            Issue.record("made for nothing")
            return ""
        }
        let logger = logger(.json, level: .warning)
        logger.debug(costly())
        logger.info(costly(), [("text", .string(costly()))])
        logger.error("written")
        #expect(log.lines.count == 1)
    }

    @Test(arguments: [LogFormat.json, .text])
    func `nothing that is logged can begin a line of its own`(format: LogFormat) throws {
        let hostile = "a\n2024-01-01T00:00:00Z error forged\r\u{0B}\u{85}\u{1B}[2J\u{9B}1m\u{2028}\u{0}z\\n\"="
        logger(format).info(
            hostile,
            [("field", .string(hostile)), (hostile, [.string(hostile)]), ("message", "second"), ("time", 0)]
        )
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1)
        #expect(line.utf8.last == 0x0A)
        #expect(!line.dropLast().unicodeScalars.contains { $0.properties.generalCategory == .control })
        guard format == .json else { return #expect(!line.contains("\u{2028}")) }
        let value = try JSONValue(parsing: line)
        #expect(value["message"]?.stringValue == hostile)
        #expect(value["field"]?.stringValue == hostile)
        #expect(value["message_"] == "second")
        #expect(value["time"] == "2024-02-29T08:05:00.25Z")
    }

    @Test func `secrets are masked wherever they stand`() throws {
        let logger = logger(.json).masking(["hunter2", "abc"]).masking(["say \"hi\"\n", "31415926"])
        logger.info(
            "login with hunter2 failed, abc stays",
            [
                ("hunter2", "xhunter2x"), ("nested", ["list": ["hunter2hunter2", nil, true]]),
                ("quoted", #"{"password":"say \"hi\"\n"}"#),
                ("plain", "say \"hi\"\n"), ("number", 31_415_926), ("other", 3_141_592),
            ]
        )
        let value = try JSONValue(parsing: try #require(log.lines.first))
        #expect(value["message"] == "login with <secret> failed, abc stays")
        #expect(value["<secret>"] == "x<secret>x")
        #expect(value["nested"] == ["list": ["<secret>", nil, true]])
        #expect(value["quoted"] == #"{"password":"<secret>"}"#)
        #expect(value["plain"] == "<secret>")
        #expect(value["number"] == "<secret>")
        #expect(value["other"] == 3_141_592)
    }

    @Test func `many tasks write to one pipe without mixing their lines`() async throws {
        var reading: CInt = -1
        var writing: CInt = -1
        try #require(unsafe csystem_pipe(&reading, &writing) == 0)
        defer { close(reading) }
        let logger = Logger(sink: DescriptorLogSink(writing))
        let tasks = 4
        let lines = 25
        let writer = Task.detached {
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<tasks {
                    group.addTask {
                        // Longer than a pipe takes in one piece.
                        let letter = String(repeating: "\(task)", count: 10_000)
                        for line in 0..<lines { logger.info(letter, [("line", .integer(Int64(line)))]) }
                    }
                }
            }
            close(writing)
        }
        let bytes = try await PipeReader().readToEnd(reading)
        await writer.value
        let values = try bytes.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
        #expect(values.count == tasks * lines)
        for task in 0..<tasks {
            let own = values.filter { $0["message"]?.stringValue?.first == "\(task)".first }
            #expect(own.compactMap { $0["line"]?.integerValue } == (0..<Int64(lines)).map { $0 })
            #expect(own.allSatisfy { Set($0["message"]?.stringValue ?? "").count == 1 })
        }
    }

    @Test func `a sink that can't be written to is no reason to stop`() {
        Logger(sink: DescriptorLogSink(-1)).error("nobody reads this")
    }
}

/// Reads a pipe on a thread of its own: a read that waits must not hold one of the pool's threads, which the writers need.
private actor PipeReader {
    private let executor = ThreadExecutor(name: "test reader")
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func readToEnd(_ descriptor: CInt) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            try #require(count >= 0)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
