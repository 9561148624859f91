public import ConnectorKit

/// The connector `file`: records from files that the host hands in.
public struct FileImport: Connector {
    private let settings: FileSettings

    /// Takes the settings of `manifest.json`.
    public init(settings: Settings) throws(ConnectorFailure) {
        var problems: [ConnectorFailure] = []
        self.settings = FileSettings(settings, problems: &problems)
        if let problem = problems.first { throw problem }
    }

    /// All that is wrong with the settings.
    public static func findings(in settings: Settings) -> [Finding] {
        var problems: [ConnectorFailure] = []
        _ = FileSettings(settings, problems: &problems)
        return problems.map(Finding.init)
    }

    /// Opens each file and looks at its start.
    public func test(_ context: OperationContext) throws(ConnectorFailure) -> TestReport {
        let inputs = try context.inputs
        guard !inputs.isEmpty else {
            return TestReport(steps: [TestReport.Step("sample", .skipped, message: "No file was handed in to look at.")]
            )
        }
        return TestReport(steps: inputs.map { input in step(input, context) })
    }

    private func step(_ input: String, _ context: OperationContext) -> TestReport.Step {
        let stopwatch = Stopwatch()
        func step(_ outcome: TestReport.Step.Outcome, _ message: String) -> TestReport.Step {
            TestReport.Step("sample", outcome, duration: stopwatch.elapsed, message: message)
        }
        func shown(_ names: [String]) -> String {
            names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
        }
        do throws(ConnectorFailure) {
            let streams = try open(input, context).streams(context)
            guard streams.count == 1 else {
                return step(.passed, "\(input) has \(streams.count) parts: \(shown(streams.map(\.name))).")
            }
            let names = streams[0].fields.map(\.name)
            return step(
                .passed,
                "\(input) has \(names.count) \(names.count == 1 ? "column" : "columns"): \(shown(names))."
            )
        } catch {
            return step(.failed, error.message)
        }
    }

    /// The streams of each file.
    public func discover(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        var streams: [StreamDescription] = []
        for input in try context.inputs { streams += try open(input, context).streams(context) }
        return streams
    }

    /// Reads the input that the stream is named after, or the only one.
    public func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader {
        let input = request.inputs.contains(request.stream) ? request.stream : request.inputs.first ?? request.stream
        return try open(input, context).reader(request, context)
    }

    /// The file as the setting `format` or its first bytes say.
    private func open(_ input: String, _ context: OperationContext) throws(ConnectorFailure) -> any RecordFile {
        let file = try InputFile(named: input, in: context)
        let start = try file.bytes(0..<min(file.size, FileFormat.startBytes))
        let format = settings.format ?? FileFormat.found(in: start, name: input)
        if settings.dialect.trailer != nil, format == .json || format == .ndjson {
            throw Trailer.unsupported(in: input)
        }
        return switch format {
        case .csv: try CSVFile(file, settings.dialect)
        case .xlsx: try WorkbookFile(file, settings.sheetOptions, context)
        case .json: try JSONFile(file, isLines: false, settings.json)
        case .ndjson: try JSONFile(file, isLines: true, settings.json)
        }
    }
}
