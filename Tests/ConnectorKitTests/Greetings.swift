import ConnectorKit

/// Greets as often as its settings say.
struct Greetings: Connector {
    let greeting: String
    let times: Int

    init(settings: Settings) throws(ConnectorFailure) {
        var settings = settings
        greeting = try settings.text("greeting") ?? "Hello"
        times = try settings.integer("times", in: 1...1_000_000) ?? 3
        try settings.finish()
    }

    func test(_ context: OperationContext) -> TestReport {
        TestReport(steps: [TestReport.Step("sample", .passed, message: "\(greeting), world")])
    }

    func discover(_ context: OperationContext) -> [StreamDescription] {
        [StreamDescription("greetings", fields: [StreamDescription.Field("text", .text, isNullable: false)])]
    }

    func pull(_ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) -> any RecordReader {
        try GreetingsReader(self, request)
    }
}

final class GreetingsReader: RecordReader {
    let schema = RecordSchema(fields: [RecordSchema.Field("text", .text)], locator: .index, source: "greetings")
    private let greetings: Greetings
    private let batchRows: Int
    private let start: Int
    private var done: Int

    init(_ greetings: Greetings, _ request: PullRequest) throws(ConnectorFailure) {
        self.greetings = greetings
        batchRows = request.batchRows
        if let token = request.token {
            guard let text = String(validating: token, as: UTF8.self), let number = Int(text) else {
                throw ConnectorFailure(.stateLost, code: "token_unknown", message: "The token is another version's.")
            }
            start = number
        } else {
            start = 0
        }
        done = start
    }

    func next() throws(ConnectorFailure) -> RecordBatch? {
        guard done < greetings.times else { return nil }
        let rows = min(batchRows, greetings.times - done)
        let texts = RecordColumn(.text, rows: rows)
        let places = RecordColumn(.int64, rows: rows)
        for index in done..<done + rows {
            texts.append("\(greetings.greeting), \(index)")
            places.append(Int64(index))
        }
        done += rows
        return RecordBatch(rows: rows, columns: [texts], places: places)
    }

    func token() -> [UInt8] {
        Array(String(done).utf8)
    }

    func summary() -> PullSummary {
        PullSummary(isComplete: done == greetings.times, read: done - start)
    }
}
