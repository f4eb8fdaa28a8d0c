module cloudvault

go 1.19
