print("trainflow")
