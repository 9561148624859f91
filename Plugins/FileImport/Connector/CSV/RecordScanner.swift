/// Splits a window into records and fields: RFC 4180, read strictly unless told otherwise.
///
/// * A record ends with LF, CRLF or a lone CR; the last one may end with the file. A line without any byte is none.
/// * A field that begins with a quote (the dialect's) ends at the next single one; doubled quotes stand for one, line ends and delimiters
///   inside are data.
/// * A quote inside a field that doesn't begin with one is data (`5" pipe`): RFC 4180 forbids it, no reading of it is
///   ambiguous, and every program writes it.
/// * A record that ends before the window does is scanned again when more of it is there; the scanner keeps nothing.
struct RecordScanner {
    let delimiter: UInt8
    /// A line feed if there is none.
    let quote: UInt8
    /// Otherwise what `Leniencies` names is read.
    let isStrict: Bool

    /// What to scan.
    struct Stretch {
        /// The first byte of a record.
        var start: Int
        /// Bytes from here on are not the file's, but there are at least 16 of them, all line feeds.
        var end: Int
        /// Whether the file ends here.
        var isLast: Bool
        /// The line of `start`.
        var line: Int64
        /// No record that starts here or later is wanted.
        var stopAt: Int
        /// At most as many rows, and never more than the table's capacity.
        var maxRows: Int
        /// A longer record, without its line end, is refused.
        var maxRecordBytes: Int
    }

    /// How far it got.
    struct Result: Equatable {
        /// The first byte that isn't part of a record in the table.
        var next: Int
        /// The line of `next`.
        var line: Int64
        var stop: Stop
        /// Where a quote is open at the end of the stretch.
        var openQuoteLine: Int64?

        enum Stop {
            /// The table is full, or a limit reached.
            case limit
            /// The record at `next` goes on after the stretch, or nothing is left.
            case end
            /// The file ends inside a quoted field.
            case unclosedQuote
            /// The record at `next` is longer than any may be.
            case tooLong
        }
    }

    /// Adds whole records of the stretch to an empty table.
    func scan(_ window: Span<UInt8>, _ stretch: Stretch, into table: inout FieldTable) -> Result {
        isStrict && quote == UInt8(ascii: "\"")
            ? scanPlain(window, stretch, into: &table) : scanOther(window, stretch, into: &table)
    }

    /// The way of nearly every file: with quote and strictness known to the compiler it takes a seventh less.
    @inline(never)
    private func scanPlain(_ window: Span<UInt8>, _ stretch: Stretch, into table: inout FieldTable) -> Result {
        scan(window, stretch, quote: UInt8(ascii: "\""), isStrict: true, into: &table)
    }

    @inline(never)
    private func scanOther(_ window: Span<UInt8>, _ stretch: Stretch, into table: inout FieldTable) -> Result {
        scan(window, stretch, quote: quote, isStrict: isStrict, into: &table)
    }

    @inline(__always)
    private func scan(
        _ window: Span<UInt8>,
        _ stretch: Stretch,
        quote: UInt8,
        isStrict: Bool,
        into table: inout FieldTable
    ) -> Result {
        // Reading bytes of a byte span is no reinterpretation.
        let bytes = unsafe window.bytes
        let end = stretch.end
        let columns = table.columns
        let capacity = table.capacity
        let hasQuotes = quote != CSVLayout.noQuote
        let isExact = table.isExact
        let maxRows = min(stretch.maxRows, capacity)
        var faults: [RecordFault] = []
        var firstLines: [Int64] = []
        swap(&firstLines, &table.lines)
        var blankLines = 0
        var leniencies = Leniencies()
        // Those of a record that the stretch cuts are met again.
        var inRecord = Leniencies()
        var padded: [(row: Int, column: Int)] = []
        var found = 0
        var firstStart = 0
        var fields = table.fields.mutableSpan
        var lines = firstLines.mutableSpan

        var cursor = SpecialCursor(delimiter: delimiter, quote: quote, at: stretch.start)
        var row = 0
        var recordStart = stretch.start
        var recordLine = stretch.line
        var line = stretch.line
        var fieldStart = stretch.start
        var column = 0
        var slot = 0
        // Whether a field beyond the last column holds something.
        var hasSurplus = false
        var fault: RecordFault.Kind?
        var stop = Result.Stop.limit
        var openQuoteLine: Int64?

        scan: while row < maxRows, recordStart < stretch.stopAt {
            var position = cursor.next(in: bytes)
            // The line feed of a CRLF.
            if position < fieldStart { continue }
            var field = Field(start: fieldStart, count: position &- fieldStart)

            if hasQuotes, position < end, bytes.byte(at: position) == quote {
                if position != fieldStart { continue }
                // A quoted field: on to its closing quote.
                openQuoteLine = line
                var hasDoubledQuotes = false
                var seen = position &+ 1
                var closing = 0
                while true {
                    closing = cursor.next(in: bytes)
                    if closing < seen { continue }
                    if closing >= end {
                        stop = stretch.isLast ? .unclosedQuote : .end
                        break scan
                    }
                    let byte = bytes.byte(at: closing)
                    if byte == quote {
                        if closing &+ 1 == end, !stretch.isLast {
                            stop = .end
                            break scan
                        }
                        if closing &+ 1 == end || bytes.byte(at: closing &+ 1) != quote { break }
                        hasDoubledQuotes = true
                        seen = closing &+ 2
                    } else if byte == UInt8(ascii: "\r") {
                        line &+= 1
                    } else if byte == UInt8(ascii: "\n"), bytes.byte(at: closing &- 1) != UInt8(ascii: "\r") {
                        line &+= 1
                    }
                }
                openQuoteLine = nil
                field = Field(
                    start: fieldStart &+ 1,
                    count: closing &- fieldStart &- 1,
                    hasQuotes: hasDoubledQuotes
                )
                position = cursor.next(in: bytes)
                if position != closing &+ 1 {
                    while position < end, bytes.byte(at: position) == quote {
                        position = cursor.next(in: bytes)
                    }
                    if isStrict {
                        if fault == nil { fault = .textAfterQuote(column: column, line: line) }
                    } else if window.isSpaces(closing &+ 1..<min(position, end)) {
                        inRecord.spacesAfterQuote &+= 1
                    } else {
                        inRecord.textAfterQuote &+= 1
                        field = Field(
                            start: fieldStart &+ 1,
                            count: min(position, end) &- fieldStart &- 1,
                            hasQuotes: true
                        )
                    }
                }
            }

            if position < end, bytes.byte(at: position) == delimiter {
                if column < columns { fields[slot] = field } else if field.count > 0 { hasSurplus = true }
                column &+= 1
                slot &+= capacity
                fieldStart = position &+ 1
                continue
            }

            // A line end, or the end of what is there.
            var next = position &+ 1
            if position >= end {
                if !stretch.isLast || (column == 0 && recordStart == end) {
                    stop = .end
                    break
                }
                next = end
            } else if bytes.byte(at: position) == UInt8(ascii: "\r") {
                if next < end {
                    if bytes.byte(at: next) == UInt8(ascii: "\n") { next &+= 1 }
                } else if !stretch.isLast {
                    stop = .end
                    break
                }
            }
            if position &- recordStart > stretch.maxRecordBytes {
                stop = .tooLong
                break
            }
            line &+= 1
            if column == 0, position == recordStart {
                blankLines &+= 1
            } else if !isStrict, columns > 1, column == 0, window.isSpaces(recordStart..<position) {
                leniencies.spaceLines &+= 1
            } else {
                if column < columns { fields[slot] = field } else if field.count > 0 { hasSurplus = true }
                found = column &+ 1
                if found > columns || (isExact && found != columns) {
                    if isStrict || !isExact || hasSurplus {
                        fault = fault ?? .fieldCount(found: found)
                    } else if found > columns {
                        inRecord.surplusDropped &+= 1
                    } else {
                        inRecord.padded &+= 1
                        padded.append((row, found))
                        for missing in found..<columns {
                            fields[missing &* capacity &+ row] = Field(start: 0, count: 0)
                        }
                    }
                }
                if fault == nil, cursor.mayHoldNonASCII, !window.isUTF8(recordStart..<position) { fault = .notText }
                if fault == nil, cursor.mayHoldZero, window.holdsZero(recordStart..<position) { fault = .nulByte }
                if !isStrict, fault == nil { leniencies += inRecord }
                if let kind = fault {
                    faults.append(RecordFault(row: row, kind: kind, bytes: recordStart..<position))
                    fault = nil
                }
                if row == 0 { firstStart = recordStart }
                lines[row] = recordLine
                row &+= 1
            }
            recordStart = next
            recordLine = line
            fieldStart = next
            column = 0
            slot = row
            hasSurplus = false
            if !isStrict { inRecord = Leniencies() }
            cursor.startRecord()
        }
        swap(&firstLines, &table.lines)
        table.rows = row
        table.faults = faults
        table.blankLines += blankLines
        table.leniencies += leniencies
        table.padded = padded
        table.firstStart = firstStart
        table.lastFound = found
        return Result(next: recordStart, line: recordLine, stop: stop, openQuoteLine: openQuoteLine)
    }
}

extension Span<UInt8> {
    /// Whether the bytes are valid UTF-8.
    @inline(never)
    func isUTF8(_ range: Range<Int>) -> Bool {
        do {
            _ = try UTF8Span(validating: extracting(range))
            return true
        } catch {
            return false
        }
    }

    /// Whether they are spaces and tabs only.
    @inline(never)
    func isSpaces(_ range: Range<Int>) -> Bool {
        for position in range where self[position] != UInt8(ascii: " ") && self[position] != UInt8(ascii: "\t") {
            return false
        }
        return true
    }

    @inline(never)
    func holdsZero(_ range: Range<Int>) -> Bool {
        for position in range where self[position] == 0 { return true }
        return false
    }
}
