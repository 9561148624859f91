public import ConnectorKit

/// The connector `file`: records from files that the host hands in. CSV so far.
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

    /// Opens each file and reads its header.
    public func test(_ context: OperationContext) throws(ConnectorFailure) -> TestReport {
        let inputs = try context.inputs
        guard !inputs.isEmpty else {
            return TestReport(steps: [TestReport.Step("sample", .skipped, message: "No file was handed in to look at.")]
            )
        }
        return TestReport(steps: inputs.map { input in step(input, context) })
    }

    private func step(_ input: String, _ context: OperationContext) -> TestReport.Step {
        let clock = ContinuousClock()
        let start = clock.now
        func step(_ outcome: TestReport.Step.Outcome, _ message: String) -> TestReport.Step {
            TestReport.Step("sample", outcome, duration: start.duration(to: clock.now), message: message)
        }
        do throws(ConnectorFailure) {
            let names = try open(input, context).header.names
            let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
            return step(.passed, "\(input) has \(names.count) \(names.count == 1 ? "column" : "columns"): \(shown).")
        } catch {
            return step(.failed, error.message)
        }
    }

    /// A stream for each file, with the first value of each column.
    public func discover(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        try context.inputs.map { input throws(ConnectorFailure) in
            var csv = try open(input, context)
            let samples = try csv.samples()
            let fields = zip(csv.header.names, samples).map { name, sample in
                StreamDescription.Field(name, .text, sample: sample)
            }
            return StreamDescription(input, fields: fields)
        }
    }

    /// Reads the input that the stream is named after, or the only one.
    public func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader {
        let input = request.inputs.contains(request.stream) ? request.stream : request.inputs.first ?? request.stream
        return try CSVReader(open(input, context), request, context)
    }

    private func open(_ input: String, _ context: OperationContext) throws(ConnectorFailure) -> CSVFile {
        try CSVFile(InputFile(named: input, in: context), settings.dialect)
    }
}

extension CSVFile {
    /// The first value of each column that isn't empty, among the first rows; nil where there is none.
    fileprivate mutating func samples() throws(ConnectorFailure) -> [String?] {
        var table = FieldTable(columns: header.names.count)
        if !hasEnded { try advance(into: &table, maxRows: 100, stopAt: .max) }
        let spoiled = Set(table.faults.map(\.row))
        let bytes = window.bytes.span
        return header.names.indices.map { column in
            let row = (0..<table.rows).first { row in
                !spoiled.contains(row) && table.field(row: row, column: column).count > 0
            }
            return row.map { String(table.field(row: $0, column: column).text(in: bytes).prefix(100)) }
        }
    }
}
