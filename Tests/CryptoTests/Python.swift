import Foundation

/// Runs a Python program and answers what it prints; nil where python3 or a package that it imports is missing.
func python(_ program: String, input: String = "", environment: [String: String] = [:]) throws -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let toProgram = Pipe()
    let fromProgram = Pipe()
    process.standardInput = toProgram
    process.standardOutput = fromProgram
    process.standardError = FileHandle.nullDevice
    try process.run()
    // What the tests hand over fits a pipe's buffer (64 KiB), so writing first can't block.
    toProgram.fileHandleForWriting.write(Data(input.utf8))
    try toProgram.fileHandleForWriting.close()
    let output = try fromProgram.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    switch process.terminationStatus {
    case 0: return String(decoding: output, as: UTF8.self)
    case 127, 42: return nil
    default: throw PythonError(status: process.terminationStatus)
    }
}

struct PythonError: Error {
    var status: Int32
}
