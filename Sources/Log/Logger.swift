package import JSON
package import Time

/// Writes structured log lines: a value, made narrower with `with` and `masking` on its way down.
package struct Logger: Sendable {
    package typealias Fields = [(String, JSONValue)]

    /// Lines that matter less are not written.
    package var level: LogLevel
    private let format: LogFormat
    private let sink: any LogSink
    private let clock: @Sendable () -> Instant
    private var fields: Fields = []
    private var secrets: [String] = []
    private var masker = Masker([])

    package init(
        level: LogLevel = .info,
        format: LogFormat = .json,
        sink: any LogSink = DescriptorLogSink.standardError,
        clock: @escaping @Sendable () -> Instant = Instant.now
    ) {
        self.level = level
        self.format = format
        self.sink = sink
        self.clock = clock
    }

    /// The same logger with more fields on each line. Of two fields with one name the later counts.
    package func with(_ fields: Fields) -> Logger {
        var logger = self
        logger.fields += fields
        return logger
    }

    /// The same logger that also writes `<secret>` where one of these stands, in message or fields. See `Masker`.
    package func masking(_ secrets: [String]) -> Logger {
        var logger = self
        logger.secrets += secrets
        logger.masker = Masker(logger.secrets)
        return logger
    }

    package func debug(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = []) {
        log(.debug, message(), fields())
    }

    package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = []) {
        log(.info, message(), fields())
    }

    package func warning(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = []) {
        log(.warning, message(), fields())
    }

    package func error(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Fields = []) {
        log(.error, message(), fields())
    }

    package func log(
        _ level: LogLevel,
        _ message: @autoclosure () -> String,
        _ fields: @autoclosure () -> Fields = []
    ) {
        guard level >= self.level else { return }
        let line = LogLine(time: clock(), level: level, message: message(), fields: self.fields + fields())
        sink.write(line.masked(by: masker).bytes(format))
    }
}
