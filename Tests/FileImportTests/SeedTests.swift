import FileImport
import Foundation
import TestSupport
import Testing

/// What `make fuzz` has found so far that takes a parser another way, crashes above all: a file each.
@Suite struct `Inputs from the fuzzer` {
    @Test(arguments: FuzzedParser.allCases) func `are read, or refused in order`(parser: FuzzedParser) throws {
        let folder = "\(Repository.root)/Tests/Fuzz/Seeds/\(parser.rawValue)"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(!names.isEmpty)
        for name in names {
            do {
                try parser.feed(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
            } catch {
                Issue.record("\(parser.rawValue)/\(name): \(error)")
            }
        }
        print("suite fuzz-\(parser.rawValue): \(names.count) passed, 0 known failures, 0 absent")
    }
}
