module misdeeds

go 1.24
